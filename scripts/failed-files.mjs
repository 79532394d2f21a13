import { readFailedFiles } from "./test-counts.mjs";

// The files that failed in the run that left its numbers at the path given, one a line.
for (const file of readFailedFiles(process.argv[2])) console.log(file);
