/** A stanza of a repository: its info files, its WAL, its backups, its ciphers. */
@NullMarked
package io.pgnode.backup.repo;

import org.jspecify.annotations.NullMarked;
