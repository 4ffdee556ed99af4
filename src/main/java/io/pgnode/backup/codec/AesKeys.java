package io.pgnode.backup.codec;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-256-CBC with key and vector from a pass and a salt, as OpenSSL's EVP_BytesToKey does it. */
final class AesKeys {
    static final byte[] MAGIC = {'S', 'a', 'l', 't', 'e', 'd', '_', '_'};
    static final int SALT = 8;
    private static final int KEY = 32;
    private static final int BLOCK = 16;

    private AesKeys() {}

    static Cipher cipher(int mode, byte[] pass, byte[] salt) {
        try {
            byte[] material = material(pass, salt);
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(
                    mode,
                    new SecretKeySpec(material, 0, KEY, "AES"),
                    new IvParameterSpec(material, KEY, BLOCK));
            Arrays.fill(material, (byte) 0);
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-CBC is not available", e);
        }
    }

    /** One round of SHA-1 per 20 bytes, each over the one before, the pass and the salt. */
    private static byte[] material(byte[] pass, byte[] salt) throws GeneralSecurityException {
        MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
        byte[] result = new byte[KEY + BLOCK];
        byte[] last = {};
        for (int done = 0; done < result.length; done += last.length) {
            sha1.update(last);
            sha1.update(pass);
            last = sha1.digest(salt);
            System.arraycopy(last, 0, result, done, Math.min(last.length, result.length - done));
        }
        return result;
    }
}
