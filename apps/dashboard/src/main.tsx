import { render } from 'preact';
import { adoptToken } from './client.ts';
import './styles.css';
import { App } from './view/app.tsx';

adoptToken();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
