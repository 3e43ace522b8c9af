/** What the REST API is, told to programs (OpenAPI) and to people (a page). */
@NullMarked
package dev.skep.controlplane.openapi;

import org.jspecify.annotations.NullMarked;
