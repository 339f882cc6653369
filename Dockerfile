# The agent with gcc, clang and two BLAS libraries:  docker build -t at-agent . && docker run --network host at-agent
FROM node:22-bookworm AS build
WORKDIR /source
COPY . .
RUN npm ci --ignore-scripts && npm run build && node scripts/package-agent.mjs --out /package

FROM node:22-bookworm-slim
# The compilers and libraries are what is measured, so they are the distribution's newest.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends gcc clang libc6-dev libopenblas0-pthread libblis4-pthread \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /package /package
RUN npm install --global --offline /package/*.tgz \
  && rm -r /package \
  && install -d -o 1000 -g 1000 /home/node/.local /home/node/.local/state
# node, by its number, which orchestrators can check.
USER 1000
# The device id and the credentials; a volume keeps them. Compiled programs are in ~/.cache and are compiled again when that is gone.
VOLUME /home/node/.local/state
HEALTHCHECK --start-period=60s CMD ["at-agent", "status"]
ENTRYPOINT ["at-agent"]
CMD ["serve"]
