/**
 * Who may log in from where, in PostgreSQL's own grammar: pg_hba.conf and pg_ident.conf, read as a
 * whole and then matched. Pure but for the reading of files.
 */
@NullMarked
package io.pgnode.gateway.pooler.hba;

import org.jspecify.annotations.NullMarked;
