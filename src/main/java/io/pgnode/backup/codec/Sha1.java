package io.pgnode.backup.codec;

import io.pgnode.backup.core.Checksum;
import io.pgnode.os.CodecLibraries;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * Computes the SHA-1 of bytes as they come. Used by one thread at a time.
 *
 * <p>In a native image by libcrypto, which is six times as fast there as the platform's.
 */
public final class Sha1 {
    private final CodecLibraries libraries = CodecLibraries.get();

    /** Null where the library does it. */
    private final @Nullable MessageDigest platform;

    private final byte[] context;

    public Sha1() {
        if (libraries.hasSha1()) {
            platform = null;
            context = new byte[CodecLibraries.SHA1_CONTEXT_BYTES];
            libraries.sha1Init(context);
        } else {
            context = new byte[0];
            try {
                platform = MessageDigest.getInstance("SHA-1");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("SHA-1 is not available", e);
            }
        }
    }

    public static Checksum of(byte[] data) {
        return of(data, 0, data.length);
    }

    public static Checksum of(byte[] data, int offset, int length) {
        Sha1 sha1 = new Sha1();
        sha1.update(data, offset, length);
        return sha1.digest();
    }

    public void update(byte[] data, int offset, int length) {
        if (platform == null) {
            libraries.sha1Update(context, data, offset, length);
        } else {
            platform.update(data, offset, length);
        }
    }

    /** Of all bytes since the start or the last digest; starts again. */
    public Checksum digest() {
        if (platform != null) {
            return Checksum.of(platform.digest());
        }
        byte[] digest = new byte[Checksum.BYTES];
        libraries.sha1Final(context, digest);
        libraries.sha1Init(context);
        return Checksum.of(digest);
    }
}
