import { render } from 'preact';
import { startLanguage } from '../words/language.ts';
import { App } from './app.tsx';
import { takeDrops } from './teach/dropping.ts';

startLanguage();
takeDrops();
render(<App />, document.getElementById('app')!);
