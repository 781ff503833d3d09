package dispatch

import (
	"maps"
	"net/url"
	"strings"

	openai "github.com/sashabaranov/go-openai"
)

const (
	// azureVersionEnv is the variable that Azure's own libraries read.
	azureVersionEnv = "OPENAI_API_VERSION"
	// defaultAzureVersion is the newest version of the API by deployment that is not a preview.
	defaultAzureVersion = "2024-10-21"
	// azureV1 ends the URLs of Azure's newer API, whose URLs are OpenAI's and name no version.
	azureV1 = "/openai/v1"
)

// azureVersion is the version to ask with at base, "" where none is named.
func azureVersion(base, wanted string) string {
	switch {
	case strings.HasSuffix(base, azureV1):
		return ""
	case wanted != "":
		return wanted
	}
	return defaultAzureVersion
}

// azure configures go-openai for a deployment, which is what Azure calls a model that somebody set up,
// and returns the headers to send.
func azure(e endpoint, deployment string) (openai.ClientConfig, map[string]string) {
	if e.version != "" {
		config := openai.DefaultAzureConfig(e.key, e.base)
		config.APIVersion = e.version
		config.AzureModelMapperFunc = func(string) string { return url.PathEscape(deployment) }
		return config, e.headers
	}
	headers := map[string]string{}
	maps.Copy(headers, e.headers)
	if e.key != "" {
		headers[openai.AzureAPIKeyHeader] = e.key
	}
	return openai.DefaultConfig(""), headers
}
