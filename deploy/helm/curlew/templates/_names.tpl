{{- define "curlew.name" -}}
{{- if contains "curlew" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-curlew" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "curlew.selector" -}}
app.kubernetes.io/name: curlew
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "curlew.labels" -}}
{{ include "curlew.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* A pod of either kind. Takes root, component, role and resources. */ -}}
{{- define "curlew.pod" -}}
metadata:
  labels:
    {{- include "curlew.selector" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
    {{- with .root.Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .root.Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  # What is in flight is finished first: 25 seconds at most, and the seconds that the load balancers need.
  terminationGracePeriodSeconds: 60
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 8400
    runAsGroup: 0
    fsGroup: 0
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: curlew
      image: {{ printf "%s:%s" .root.Values.image.repository (.root.Values.image.tag | default .root.Chart.AppVersion) | quote }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop:
            - ALL
      ports:
        - name: http
          containerPort: 8400
      envFrom:
        - secretRef:
            name: {{ required "existingSecret must name a secret with DATABASE_URL, CURLEW_MASTER_KEY and CURLEW_ADMIN_KEY" .root.Values.existingSecret }}
      env:
        - name: CURLEW_HOST
          value: "0.0.0.0"
        - name: CURLEW_PORT
          value: "8400"
        - name: CURLEW_ROLE
          value: {{ .role }}
        {{- range $name, $value := .root.Values.env }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
      # A process that migrates, or waits for the one that does, lives and is not ready, for as long as that takes.
      startupProbe:
        httpGet:
          path: /healthz
          port: http
        periodSeconds: 2
        failureThreshold: 150
      livenessProbe:
        httpGet:
          path: /healthz
          port: http
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet:
          path: /readyz
          port: http
        periodSeconds: 5
        timeoutSeconds: 5
      lifecycle:
        preStop:
          exec:
            # Load balancers hear of the end at the same time as we do.
            command: ["sleep", "5"]
      resources:
        {{- toYaml .resources | nindent 8 }}
      volumeMounts:
        - name: scratch
          mountPath: /tmp
        {{- if .root.Values.files.existingClaim }}
        - name: files
          mountPath: /var/lib/curlew
        {{- else }}
        - name: scratch
          mountPath: /var/lib/curlew
          subPath: data
        {{- end }}
  volumes:
    - name: scratch
      emptyDir: {}
    {{- if .root.Values.files.existingClaim }}
    - name: files
      persistentVolumeClaim:
        claimName: {{ .root.Values.files.existingClaim }}
    {{- end }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "curlew.selector" .root | nindent 10 }}
          app.kubernetes.io/component: {{ .component }}
  {{- with .root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
