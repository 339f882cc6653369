#!/usr/bin/env node
try {
  const { main } = await import('../dist/cli/main.js');
  process.exitCode = await main(process.argv);
} catch (error) {
  // Where few files may be open, not even the program can be read.
  if (error?.code !== 'EMFILE') throw error;
  console.error('error: Too few files may be open at a time to start; raise ulimit -n.');
  process.exitCode = 8;
}
