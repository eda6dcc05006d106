// VenuecastModel
