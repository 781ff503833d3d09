package samples

import "encoding/json"

// A Record is a row with all that it says of how it was made.
type Record struct {
	ID        string          `json:"id"`
	Messages  []Message       `json:"messages"`
	Meta      map[string]any  `json:"meta"`
	Steps     []RecordStep    `json:"steps"`
	Started   string          `json:"started_at"`
	Completed string          `json:"completed_at"`
	Ended     string          `json:"failed_at"` // of a record that failed
	Commit    string          `json:"pipeline_commit"`
	File      string          `json:"pipeline_file"`
	Error     string          `json:"error"`
	Message   string          `json:"message"`
	Input     json.RawMessage `json:"input_data"`

	Pinned    bool   `json:"pinned"`
	Kept      string `json:"kept"`      // why answers from before an edit stand
	Extracted string `json:"extracted"` // how the model put it, where a locked row stands for it

	Provenance *Record `json:"provenance"`
}

// A RecordStep is a request with its answer, as a row keeps them.
type RecordStep struct {
	Messages  []Message       `json:"messages"`
	Model     string          `json:"model"`
	Resolved  string          `json:"model_resolved"`
	Sampling  json.RawMessage `json:"sampling"`
	Response  *string         `json:"response"`
	Error     string          `json:"error"`
	ID        string          `json:"step_id"`
	Key       string          `json:"key"`
	SysPrompt string          `json:"sysprompt_digest"`
	Finish    string          `json:"finish_reason"`
}

// DecodeRecord reads a row. It reports whether the row is of a record that failed.
func DecodeRecord(text []byte) (r *Record, failed bool, err error) {
	var row struct {
		Record
		talk
		Failed *Record `json:"__ERROR__"`
	}
	if err := json.Unmarshal(text, &row); err != nil {
		return nil, false, err
	}
	if row.Failed != nil {
		return row.Failed, true, nil
	}
	if row.Messages == nil {
		row.Messages = row.messages()
	}
	return &row.Record, false, nil
}

// Made is where the row says how it was made: tables keep that apart.
func (r *Record) Made() *Record {
	if r.Provenance != nil {
		return r.Provenance
	}
	return r
}
