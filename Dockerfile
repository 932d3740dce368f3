# POLAR for people with an immich server: `polar immich serve` between immich's two containers, or `polar serve`.
# Models and learnt things live in /data; docs/immich.md has the compose file.

FROM docker.io/library/node:24-trixie-slim AS build
WORKDIR /polar
# The CPU engine is in the package; its install script would fetch CUDA libraries.
ENV ONNXRUNTIME_NODE_INSTALL=skip
# npm 11.6, which comes with Node 24, fails on a lock file without addresses ("paths[0] must be of type string").
RUN npm install --global npm@11.19.1
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund && node docker/slim.mjs .

FROM docker.io/library/node:24-trixie-slim
RUN install --directory --owner=node --group=node /data
WORKDIR /polar
COPY --from=build /polar/package.json /polar/LICENSE ./
COPY --from=build /polar/node_modules node_modules
COPY --from=build /polar/dist dist
COPY --from=build /polar/models models
COPY --from=build /polar/docker/polar /polar/docker/healthcheck.mjs /usr/local/bin/
USER node
ENV NODE_ENV=production POLAR_HOME=/data HF_HOME=/data/models
VOLUME /data
EXPOSE 3003 7527
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "/usr/local/bin/healthcheck.mjs"]
ENTRYPOINT ["polar"]
CMD ["immich", "serve", "--host", "0.0.0.0"]
