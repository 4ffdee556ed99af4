package io.pgnode.backup.codec;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/** Writes a salt (after its magic, unless raw) and the encrypted bytes. */
final class AesEncryptor implements Filter {
    private static final int STEP = 64 * 1024;

    private final byte[] pass;
    private final boolean raw;
    private final byte[] output = new byte[STEP + 16];
    private @Nullable Cipher cipher;

    AesEncryptor(byte[] pass, boolean raw) {
        this.pass = pass.clone();
        this.raw = raw;
    }

    @Override
    public void update(byte[] data, int offset, int length, Sink out) throws IOException {
        Cipher started = start(out);
        try {
            for (int done = 0; done < length; done += STEP) {
                int step = Math.min(STEP, length - done);
                int count = started.update(data, offset + done, step, output);
                if (count > 0) {
                    out.accept(output, 0, count);
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot encrypt", e);
        }
    }

    @Override
    public void finish(Sink out) throws IOException {
        try {
            int count = start(out).doFinal(output, 0);
            out.accept(output, 0, count);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot encrypt", e);
        }
        cipher = null;
    }

    private Cipher start(Sink out) throws IOException {
        Cipher current = cipher;
        if (current != null) {
            return current;
        }
        byte[] salt = new byte[AesKeys.SALT];
        new SecureRandom().nextBytes(salt);
        if (!raw) {
            out.accept(AesKeys.MAGIC, 0, AesKeys.MAGIC.length);
        }
        out.accept(salt, 0, salt.length);
        Cipher created = AesKeys.cipher(Cipher.ENCRYPT_MODE, pass, salt);
        cipher = created;
        return created;
    }

    @Override
    public void close() {
        Arrays.fill(pass, (byte) 0);
    }
}
