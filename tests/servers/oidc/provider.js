// A certified OpenID provider on a free port of loopback; it prints its address when it listens.
// argv: the addresses that browsers may come back to, comma separated; claims by subject, as JSON.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const back = process.argv[2].split(",");
const people = JSON.parse(process.argv[3]);

const server = createServer((request, response) => server.app(request, response));
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://localhost:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "voiceline", client_secret: "a-client-secret", redirect_uris: back }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true },
    cookies: { keys: ["only for tests on loopback"] },
  });
  server.app = provider.callback();
  console.log(issuer);
});
