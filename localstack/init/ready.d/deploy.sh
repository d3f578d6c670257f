#!/bin/bash
# LocalStack runs this once it is ready to serve: it deploys the mounted bundle with the two commands of production.
set -euo pipefail

bundle=/opt/parley/bundle
parameters=/opt/parley/params/dev.json
packaged=$(mktemp --suffix .yaml)
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1

if [[ ! -f $bundle/root.yaml ]]; then
  echo "There is no bundle to deploy: run 'nox -s package -- --platform localstack', then start again." >&2
  exit 1
fi

awslocal s3api head-bucket --bucket parley-artifacts 2>/dev/null || awslocal s3api create-bucket --bucket parley-artifacts
awslocal cloudformation package --template-file "$bundle/root.yaml" --s3-bucket parley-artifacts --output-template-file "$packaged"
awslocal cloudformation deploy --template-file "$packaged" --s3-bucket parley-artifacts --stack-name parley --parameter-overrides "file://$parameters" \
  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset
