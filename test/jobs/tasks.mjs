// What the workers of the pool's tests do.
export async function perform(task, tell) {
  if (task.note !== undefined) tell(task.note);
  if (task.tellPid) tell(`${process.pid}`);
  if (task.ms !== undefined) await new Promise((resolve) => setTimeout(resolve, task.ms));
  if (task.exit !== undefined) process.exit(task.exit);
  if (task.die !== undefined) process.kill(process.pid, task.die);
  if (task.throw !== undefined) throw new Error(task.throw);
  if (task.spin) for (;;);
  return { pid: process.pid, rows: task.rows };
}
