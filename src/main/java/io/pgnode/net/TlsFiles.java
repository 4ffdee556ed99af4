package io.pgnode.net;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one side of TLS is made of, in PEM files.
 *
 * @param key private key of our certificate, PKCS#8, PKCS#1 or SEC 1, not encrypted; null for none
 * @param certificate ours and those that lead to its authority; null for none
 * @param authority whom to trust; null to trust everybody
 * @param protocols as the Java runtime calls them
 * @param ciphers as the Java runtime calls them; empty for its own choice
 */
public record TlsFiles(
        @Nullable Path key,
        @Nullable Path certificate,
        @Nullable Path authority,
        List<String> protocols,
        List<String> ciphers) {
    public TlsFiles {
        protocols = List.copyOf(protocols);
        ciphers = List.copyOf(ciphers);
    }
}
