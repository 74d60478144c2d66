/** How programs on this machine come to trust an authority, in words to copy. */
export function trustText(authority: string, platform: NodeJS.Platform): string {
  const quoted = `'${authority.replaceAll("'", "'\\''")}'`;
  const everywhere = [
    `  Node.js          NODE_EXTRA_CA_CERTS=${quoted}`,
    `  curl             curl --cacert ${quoted} https://…`,
    "  Firefox          Settings, Privacy & Security, View Certificates, Authorities, Import",
  ];
  const system =
    platform === "darwin"
      ? [
          `  macOS            sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${quoted}`,
        ]
      : [
          `  Debian, Ubuntu   sudo cp ${quoted} /usr/local/share/ca-certificates/trellis.crt && sudo update-ca-certificates`,
          `  Fedora           sudo trust anchor ${quoted}`,
          `  Chrome on Linux  certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Trellis -i ${quoted}`,
        ];
  return [
    ...system,
    ...everywhere,
    "Whoever has its key can pretend to be any host before you: it stays in this folder.",
  ].join("\n");
}
