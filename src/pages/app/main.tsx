import { render } from 'preact';
import { App } from './app.tsx';
import { takeDrops } from './teach/dropping.ts';

takeDrops();
render(<App />, document.getElementById('app')!);
