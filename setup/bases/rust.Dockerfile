# Stand-in for rust:1: Debian's compiler and Cargo, with Cargo's folder where the image has it.
FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential ca-certificates cargo curl git libssl-dev pkg-config rustc wget \
    && rm -rf /var/lib/apt/lists/*
ENV CARGO_HOME=/usr/local/cargo CARGO_HTTP_CAINFO=/etc/ssl/certs/ca-certificates.crt PATH=/usr/local/cargo/bin:$PATH
CMD ["bash"]
