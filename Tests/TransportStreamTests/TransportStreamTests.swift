// TransportStreamTests
