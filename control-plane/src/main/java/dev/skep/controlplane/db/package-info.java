/** PostgreSQL: the embedded server, the pool, migrations, transactions and JSON columns. */
@NullMarked
package dev.skep.controlplane.db;

import org.jspecify.annotations.NullMarked;
