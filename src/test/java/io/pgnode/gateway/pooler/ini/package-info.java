@NullMarked
package io.pgnode.gateway.pooler.ini;

import org.jspecify.annotations.NullMarked;
