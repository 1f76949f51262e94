// Runs a script of the current folder under the CPython of the npm package `pyodide`, as `python SCRIPT` would.
// `npm install --prefix $UPRIVER_SAMPLES/npm pyodide@314.0.7` first.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const home = process.env.UPRIVER_SAMPLES ?? "/tmp/upriver-samples";
const { loadPyodide } = await import(pathToFileURL(`${home}/npm/node_modules/pyodide/pyodide.mjs`).href);
const python = await loadPyodide({ env: { HOME: "/home/ci", PYTHONHASHSEED: "0" } });
python.mountNodeFS("/home/web_user", process.cwd());
const code = `
import os, runpy, sys, traceback
os.chdir("/home/web_user")
sys.path.insert(0, "")
path = sys.argv[1] if len(sys.argv) > 1 else script
try:
    exec(compile(open(path).read(), os.path.abspath(path), "exec"), {"__name__": "__main__"})
except Exception as error:
    frames = error.__traceback__.tb_next
    traceback.print_exception(type(error), error, frames)
`;
python.globals.set("script", process.argv[2]);
python.runPython(code);
