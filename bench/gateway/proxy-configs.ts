import { nginxFiles } from "../src/harness/nginx-files.ts";

export interface NginxWork {
  readonly port: number;
  readonly originPort: number;
  /** For its files. */
  readonly folder: string;
  /** Whether its cache is on; then its answers say what came of it. */
  readonly keeps: boolean;
}

/** One worker, connections to the origin kept, and the headers that every gateway adds. */
export function nginxConfig({ port, originPort, folder, keeps }: NginxWork): string {
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 16384; }
http {
  ${nginxFiles(folder)}
  keepalive_timeout 600s;
  ${keeps ? `proxy_cache_path ${folder}/cache keys_zone=edge:64m max_size=1g use_temp_path=off;` : ""}
  upstream origin { server 127.0.0.1:${originPort}; keepalive 256; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      ${keeps ? "proxy_cache edge; proxy_cache_lock on; add_header cache-status $upstream_cache_status;" : ""}
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header connection "";
      proxy_set_header host $host;
      proxy_set_header x-forwarded-for $proxy_add_x_forwarded_for;
      proxy_set_header x-forwarded-proto $scheme;
      proxy_set_header x-request-id $request_id;
    }
  }
}
`;
}

/** One thread, connections to the origin kept and shared by all clients. */
export function haproxyConfig(port: number, originPort: number): string {
  return `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  option forwardfor
  http-reuse always
  timeout connect 5s
  timeout client 600s
  timeout server 60s
frontend front
  bind 127.0.0.1:${port}
  unique-id-format %[uuid()]
  unique-id-header x-request-id
  default_backend origin
backend origin
  server one 127.0.0.1:${originPort} maxconn 256 pool-max-conn 256
`;
}
