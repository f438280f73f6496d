/**
 * An image as one file: an OCI image layout (image-layout.md of the OCI image specification) in a tar, as
 * `ctr images import`, `docker load`, `podman load` and `skopeo copy oci-archive:` read it.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import type { RunConfig } from './config.ts';
import type { Layer } from './layer.ts';

export interface Image {
  /** Full reference: `ghcr.io/remora-dev/hub:0.1.0`. */
  name: string;
  /** As Go names it. */
  architecture: 'amd64' | 'arm64';
  config: RunConfig;
  layers: readonly Layer[];
  created: Date;
}

const TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
};

/** The same image gives the same bytes. */
export async function writeArchive(image: Image, file: string): Promise<void> {
  const { architecture, created, layers } = image;
  const config = blob({
    architecture,
    os: 'linux',
    created: created.toISOString(),
    config: image.config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created: created.toISOString(), created_by: 'deploy/images/build.ts' })),
  });
  const manifest = blob({
    schemaVersion: 2,
    mediaType: TYPES.manifest,
    config: { mediaType: TYPES.config, digest: config.digest, size: config.content.length },
    layers: layers.map(({ digest, size }) => ({ mediaType: TYPES.layer, digest, size })),
  });
  const index = {
    schemaVersion: 2,
    mediaType: TYPES.index,
    manifests: [
      {
        mediaType: TYPES.manifest,
        digest: manifest.digest,
        size: manifest.content.length,
        platform: { architecture, os: 'linux' },
        annotations: {
          // The first is containerd's and Docker's, the second the specification's.
          'io.containerd.image.name': image.name,
          'org.opencontainers.image.ref.name': image.name.slice(image.name.lastIndexOf(':') + 1),
        },
      },
    ],
  };

  const tar = pack();
  const written = pipeline(tar, createWriteStream(file));
  const add = (name: string, content: Buffer) =>
    tar.entry({ name, mode: 0o644, mtime: created, size: content.length }, content);
  const fill = async () => {
    add('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
    add('index.json', json(index));
    for (const { digest, content } of [manifest, config]) add(blobPath(digest), content);
    for (const { digest, size, file } of layers) {
      const header = { name: blobPath(digest), mode: 0o644, mtime: created, size };
      await pipeline(createReadStream(file), tar.entry(header));
    }
    tar.finalize();
  };
  await Promise.all([written, fill().catch((error: Error) => tar.destroy(error))]);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function blob(value: unknown): { digest: string; content: Buffer } {
  const content = json(value);
  return { content, digest: `sha256:${createHash('sha256').update(content).digest('hex')}` };
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}
