// Stands in for the engine's thread: answers by what the task's id says.
import { parentPort } from 'node:worker_threads';

const waiting = new Map();
const post = (message) => parentPort.postMessage(message);

parentPort.on('message', (message) => {
  if (message.type === 'cancel') {
    post({
      type: 'result',
      task: message.task,
      result: { ok: false, error: { code: 'cancelled' } },
    });
  }
  if (message.type === 'command-output') {
    post({
      type: 'command-taken',
      task: waiting.get(message.command),
      characters: message.text.length,
    });
  }
  if (message.type === 'command-end') {
    post({
      type: 'result',
      task: waiting.get(message.command),
      result: { ok: true, value: message.end },
    });
  }
  if (message.type !== 'task') return;
  const { task, work } = message;
  if (work.id === 'crash') throw new Error('thread down');
  if (work.id === 'fail') post({ type: 'failure', task, stack: 'Error: inside\n    at engine' });
  if (work.id === 'event') {
    post({ type: 'event', task, event: { type: 'progress', done: 1, total: 1 } });
    post({ type: 'result', task, result: { ok: true, value: 'done' } });
  }
  if (work.id === 'run' || work.id === 'missing') {
    waiting.set(task, task);
    const file = work.id === 'run' ? '/bin/echo' : '/nowhere/program';
    post({
      type: 'command',
      task,
      command: task,
      spec: { file, args: ['hello'], environment: {}, timeoutMs: 10_000 },
    });
  }
});
