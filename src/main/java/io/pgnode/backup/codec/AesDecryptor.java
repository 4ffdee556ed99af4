package io.pgnode.backup.codec;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/** Reads what {@link AesEncryptor} writes. A wrong pass shows at the end, mostly. */
final class AesDecryptor implements Filter {
    private static final int STEP = 64 * 1024;

    private final byte[] pass;
    private final byte[] output = new byte[STEP + 16];
    private final byte[] header;
    private int headerRead;
    private boolean hasBody;
    private @Nullable Cipher cipher;

    AesDecryptor(byte[] pass, boolean raw) {
        this.pass = pass.clone();
        this.header = new byte[AesKeys.SALT + (raw ? 0 : AesKeys.MAGIC.length)];
    }

    @Override
    public void update(byte[] data, int offset, int length, Sink out) throws IOException {
        int used = Math.min(length, header.length - headerRead);
        System.arraycopy(data, offset, header, headerRead, used);
        headerRead += used;
        if (headerRead < header.length) {
            return;
        }
        Cipher started = start();
        hasBody |= used < length;
        try {
            for (int done = used; done < length; done += STEP) {
                int step = Math.min(STEP, length - done);
                int count = started.update(data, offset + done, step, output);
                if (count > 0) {
                    out.accept(output, 0, count);
                }
            }
        } catch (GeneralSecurityException e) {
            throw failed(e);
        }
    }

    private Cipher start() throws IOException {
        Cipher current = cipher;
        if (current != null) {
            return current;
        }
        int magic = header.length - AesKeys.SALT;
        if (!Arrays.equals(header, 0, magic, AesKeys.MAGIC, 0, magic)) {
            throw new IOException("stream is not encrypted: it does not start with \"Salted__\"");
        }
        byte[] salt = Arrays.copyOfRange(header, magic, header.length);
        Cipher created = AesKeys.cipher(Cipher.DECRYPT_MODE, pass, salt);
        cipher = created;
        return created;
    }

    @Override
    public void finish(Sink out) throws IOException {
        Cipher current = cipher;
        if (current == null || !hasBody) {
            throw new IOException("encrypted stream is cut off");
        }
        try {
            int count = current.doFinal(output, 0);
            if (count > 0) {
                out.accept(output, 0, count);
            }
        } catch (GeneralSecurityException e) {
            throw failed(e);
        }
        cipher = null;
        headerRead = 0;
        hasBody = false;
    }

    private static IOException failed(GeneralSecurityException e) {
        return new IOException(
                "encrypted stream cannot be decrypted: wrong pass, cut off or damaged", e);
    }

    @Override
    public void close() {
        Arrays.fill(pass, (byte) 0);
    }
}
