/** While one works on the client: /config.json for the running stack, reached through Vite so that CORS is no matter. */
import type { Plugin, ProxyOptions } from "vite";

interface Configuration {
  readonly webSocketUrl: string;
  readonly httpApiUrl: string;
  readonly cognitoUrl: string;
}

const COGNITO = "/_cognito";

/** `configuration` is what harness/frontend.py says of the stack; without it there is no stack, only the demo. */
export function developmentStack(configuration: string | undefined): Plugin {
  return {
    name: "parley-development-stack",
    apply: "serve",
    config: () =>
      configuration === undefined ? {} : { server: { proxy: proxy(JSON.parse(configuration)) } },
    configureServer(server) {
      server.middlewares.use("/config.json", (request, response) => {
        response.setHeader("content-type", "application/json");
        response.end(configuration && here(JSON.parse(configuration), request.headers.host ?? ""));
      });
    },
  };
}

function proxy({ httpApiUrl, webSocketUrl, cognitoUrl }: Configuration): Record<string, ProxyOptions> {
  return {
    [new URL(httpApiUrl).pathname]: { target: new URL(httpApiUrl).origin, changeOrigin: true },
    [new URL(webSocketUrl).pathname]: { target: new URL(webSocketUrl).origin, changeOrigin: true, ws: true },
    [COGNITO]: { target: cognitoUrl, changeOrigin: true, rewrite: () => "/" },
  };
}

/** The configuration with the stack's addresses as they are at this server. */
function here(configuration: Configuration, host: string): string {
  const moved = (address: string) => Object.assign(new URL(address), { host }).href;
  return JSON.stringify({
    ...configuration,
    httpApiUrl: moved(configuration.httpApiUrl),
    webSocketUrl: moved(configuration.webSocketUrl),
    cognitoUrl: `http://${host}${COGNITO}`,
  });
}
