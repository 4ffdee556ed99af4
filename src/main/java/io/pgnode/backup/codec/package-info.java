/** Compression, digests, ciphers and page checksums over streams of bytes. */
@NullMarked
package io.pgnode.backup.codec;

import org.jspecify.annotations.NullMarked;
