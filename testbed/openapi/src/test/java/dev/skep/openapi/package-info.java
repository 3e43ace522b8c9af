/** The OpenAPI document by the eyes of tools that others made. */
package dev.skep.openapi;
