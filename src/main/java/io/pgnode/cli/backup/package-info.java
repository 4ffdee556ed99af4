/** What the commands about backups have in common: settings of the rooms below, made from ours. */
@NullMarked
package io.pgnode.cli.backup;

import org.jspecify.annotations.NullMarked;
