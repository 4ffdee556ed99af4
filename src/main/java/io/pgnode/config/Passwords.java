package io.pgnode.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Passwords written in the configuration or in files of their own. Blocking. */
public final class Passwords {
    private Passwords() {}

    /**
     * The password of a section; the file is read each time, so that a reload sees a new one.
     *
     * @return empty when the section has none
     * @throws IOException when the password file cannot be read or is empty; names the file, never
     *     its content
     */
    public static Optional<Secret> read(Passworded section) throws IOException {
        return read(section.password(), section.passwordFile());
    }

    /**
     * The same for a secret of another kind.
     *
     * @param plain counts when there is no file
     * @throws IOException as above
     */
    public static Optional<Secret> read(Optional<Secret> plain, Optional<Path> secretFile)
            throws IOException {
        if (secretFile.isEmpty()) {
            return plain;
        }
        Path file = secretFile.get();
        try (var lines = Files.newBufferedReader(file)) {
            String first = lines.readLine();
            if (first == null || first.isEmpty()) {
                throw new IOException("password file " + file + " is empty");
            }
            return Optional.of(new Secret(first));
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new IOException("password file " + file + " is not UTF-8 text", e);
        }
    }
}
