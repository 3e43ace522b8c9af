-- Lists of services go through their names byte by byte, so that a prefix is a range whatever the database's collation.
create index container_services_names on container_services (organization_id, name collate "C");
