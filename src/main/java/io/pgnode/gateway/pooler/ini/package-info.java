/** PgBouncer's configuration files, read as they are: the ini file and the user list. */
@NullMarked
package io.pgnode.gateway.pooler.ini;

import org.jspecify.annotations.NullMarked;
