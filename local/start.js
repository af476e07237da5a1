// Entry of `npm start`. Written so that even an old Node can read it and say what is wrong.

var MINIMUM = [22, 18];
var version = process.versions.node.split(".").map(Number);
var tooOld =
  version[0] < MINIMUM[0] ||
  (version[0] === MINIMUM[0] && version[1] < MINIMUM[1]) ||
  // Node 23 runs TypeScript files from 23.6 on.
  (version[0] === 23 && version[1] < 6);

if (tooOld) {
  console.error(
    "GaiaRouter needs Node " +
      MINIMUM.join(".") +
      " or newer, and this is Node " +
      process.versions.node +
      ".\n" +
      "Run `npm ci` and then `npm start`: npm puts the Node that the project brings along first on the path.\n" +
      "To run local/start.js directly, use node_modules/.bin/node.",
  );
  process.exitCode = 1;
} else if (process.platform === "win32") {
  console.error("GaiaRouter's local stack needs process groups, which Windows does not have: run it inside WSL.");
  process.exitCode = 1;
} else {
  import("./stack/main.ts")
    .then(function (stack) {
      return stack.main();
    })
    .catch(function (error) {
      console.error(
        error.code === "ERR_MODULE_NOT_FOUND" ? "A package is missing: run `npm ci` first.\n" + error.message : error,
      );
      process.exitCode = 1;
    });
}
