// The Runtime API's client for Node functions: polls for events, calls the handler, posts what comes of each.
// Run as `node runtime_client.mjs`; https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
import { existsSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const variables = process.env;
const [host, port] = variables.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let requestId = "";

function request(method, name, body) {
  return new Promise((resolve, reject) => {
    const options = { agent, host, port, method, path: `/2018-06-01/runtime/${name}` };
    const sent = http.request(options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, text: Buffer.concat(chunks).toString() }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function errorObject(error, type = undefined) {
  if (!(error instanceof Error)) {
    return { errorType: type ?? typeof error, errorMessage: format(error), trace: [] };
  }
  return {
    errorType: type ?? error.name,
    errorMessage: type?.startsWith("Runtime.") ? `${error}` : error.message,
    trace: (error.stack ?? "").split("\n"),
  };
}

// What console.* writes has AWS's form: time, request, level and message, as one log event.
function captureConsole() {
  const levels = { debug: "DEBUG", error: "ERROR", info: "INFO", log: "INFO", trace: "TRACE", warn: "WARN" };
  for (const [name, level] of Object.entries(levels)) {
    console[name] = (...values) => {
      const timestamp = new Date().toISOString();
      const message = format(...values);
      const line =
        variables.AWS_LAMBDA_LOG_FORMAT === "JSON"
          ? JSON.stringify({ timestamp, level, requestId, message })
          : `${timestamp}\t${requestId || "undefined"}\t${level}\t${message}`.replaceAll("\n", "\r");
      process.stdout.write(`${line}\n`);
    };
  }
}

async function load() {
  const [directory, file] = [path.dirname(variables._HANDLER), path.basename(variables._HANDLER)];
  const [module, ...names] = file.split(".");
  const stem = path.join(variables.LAMBDA_TASK_ROOT, directory, module);
  const found = [".js", ".mjs", ".cjs"].map((suffix) => stem + suffix).find(existsSync);
  if (found === undefined) {
    throw Object.assign(new Error(`Cannot find module '${module}'`), { code: "MODULE_NOT_FOUND" });
  }
  const exported = await import(pathToFileURL(found));
  const pick = (from) => names.reduce((value, name) => value?.[name], from);
  const handler = pick(exported) ?? pick(exported.default);
  if (typeof handler !== "function") {
    throw Object.assign(new Error(`${variables._HANDLER} is undefined or not exported`), { code: "NO_HANDLER" });
  }
  return handler;
}

function initializationErrorType(error) {
  if (error instanceof SyntaxError) return "Runtime.UserCodeSyntaxError";
  if (error?.code === "NO_HANDLER") return "Runtime.HandlerNotFound";
  const missing = ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error?.code);
  return missing ? "Runtime.ImportModuleError" : undefined;
}

function contextOf(headers, callback) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    done: callback,
    fail: (error) => callback(error),
    functionName: variables.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: variables.AWS_LAMBDA_FUNCTION_VERSION,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    logGroupName: variables.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: variables.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    succeed: (result) => callback(null, result),
  };
}

// A promise decides; without one the callback does; a handler that takes none answers null.
function call(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const callback = (error, result) => (error ? reject(error) : resolve(result));
    const returned = handler(event, contextOf(headers, callback), callback);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
    else if (handler.length < 2) resolve(null);
  });
}

async function fail(name, error, type) {
  const content = errorObject(error, type);
  console.error(`${name === "init/error" ? "Uncaught Exception" : "Invoke Error"}\t${JSON.stringify(content)}`);
  await request("POST", name, JSON.stringify(content));
}

async function die(error, type) {
  await fail(requestId ? `invocation/${requestId}/error` : "init/error", error, type);
  process.exit(1);
}

captureConsole();
process.on("uncaughtException", (error) => die(error));
process.on("unhandledRejection", (error) => die(error, "Runtime.UnhandledPromiseRejection"));
const handler = await load().catch((error) => die(error, initializationErrorType(error)));
for (;;) {
  const { headers, text } = await request("GET", "invocation/next");
  requestId = headers["lambda-runtime-aws-request-id"];
  variables._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
  try {
    const result = await call(handler, JSON.parse(text), headers);
    await request("POST", `invocation/${requestId}/response`, JSON.stringify(result) ?? "null");
  } catch (error) {
    await fail(`invocation/${requestId}/error`, error);
  }
}
