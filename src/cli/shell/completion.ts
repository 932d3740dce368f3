import tab from '@bomb.sh/tab';
import type { Command } from 'commander';

/** The shells that polar completes for. */
const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** `polar completion <shell>` */
export function register(command: Command): void {
  const shell = command.createArgument('<shell>', 'whose script is printed').choices(SHELLS);
  command.addArgument(shell).action((name: (typeof SHELLS)[number]) => tab.setup('polar', 'polar', name));
}
