/**
 * What every nginx of a bench has in its `http`: no log, its files in a folder of its own, connections of clients for as
 * long as they like.
 */
export function nginxFiles(folder: string): string {
  return `access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 100000000;`;
}
