package sim

import (
	"encoding/json"
	"maps"
	"net/http"
)

// Stats returns what was counted so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.stats
	out.DistinctKeys = int64(len(s.keys))
	out.Duplicates = s.keyed - out.DistinctKeys
	out.ByStatus = maps.Clone(s.stats.ByStatus)
	if out.ByStatus == nil {
		out.ByStatus = map[int]int64{}
	}
	return out
}

// Reset counts from zero again; requests in flight stay counted as such.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats = Stats{InFlight: s.stats.InFlight, MostInFlight: s.stats.InFlight}
	s.keys, s.keyed = nil, 0
	s.epoch++
}

func (s *Server) showStats(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(s.Stats())
}

func (s *Server) resetStats(w http.ResponseWriter, _ *http.Request) {
	s.Reset()
	w.WriteHeader(http.StatusNoContent)
}
