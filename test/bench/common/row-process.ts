// One row of a bench in a process of its own: node row-process.js MODULE ROW. The answer goes to the parent as a message.
import { answerOf, type RowModule } from './rows.js';

const [url, row] = process.argv.slice(2);
const module = (await import(url)) as RowModule<unknown, unknown>;
const answer = await answerOf(module, JSON.parse(row));
// The parent is gone if nothing can be sent.
process.send?.(answer, () => process.exit());
