/**
 * A node: its roles are put together, started in order, and stopped in an order in which nothing is lost. What a role
 * does belongs into its module.
 */
@NullMarked
package io.millrace.infra.server;

import org.jspecify.annotations.NullMarked;
