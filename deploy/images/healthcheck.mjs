// Docker's health check of the hub: status 0 if it answers that it is alive. The certificate is for other names than ours.
import { get } from 'node:https';

get('https://127.0.0.1:8898/healthz', { rejectUnauthorized: false, timeout: 4000 }, (response) => {
  process.exit(response.statusCode === 200 ? 0 : 1);
})
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1));
