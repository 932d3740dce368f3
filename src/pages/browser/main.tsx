import { render } from 'preact';
import { startLanguage } from '../words/language.ts';
import { App } from './app.tsx';

startLanguage();
render(<App />, document.getElementById('app')!);
