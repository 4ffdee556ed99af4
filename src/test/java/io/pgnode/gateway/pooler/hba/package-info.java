@NullMarked
package io.pgnode.gateway.pooler.hba;

import org.jspecify.annotations.NullMarked;
