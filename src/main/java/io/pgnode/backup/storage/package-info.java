/** The files of a repository: on a file system, or in an S3 bucket. */
@NullMarked
package io.pgnode.backup.storage;

import org.jspecify.annotations.NullMarked;
