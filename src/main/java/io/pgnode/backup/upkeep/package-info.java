/**
 * What a repository needs beside backups: {@code Expirer} removes what retention does not keep,
 * {@code Verifier} reads every byte, {@code Info} says what there is, {@code Annotator} and {@code
 * RepoLister} are for operators. Decisions are in {@code backup.core}.
 */
@NullMarked
package io.pgnode.backup.upkeep;

import org.jspecify.annotations.NullMarked;
