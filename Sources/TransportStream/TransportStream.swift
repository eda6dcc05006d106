// TransportStream
